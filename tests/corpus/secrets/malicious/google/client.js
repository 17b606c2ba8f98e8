const client = new Client({ key: 'AIza56CyekkSFWGVRMygNi2Ut6Gg-oN-s7FyjBS' });
