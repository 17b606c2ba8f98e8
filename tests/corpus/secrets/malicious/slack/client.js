const client = new Client({ key: 'xoxb-925428552494-257124248425-faO99UzCLLNbGXMeZOpuOJvq' });
