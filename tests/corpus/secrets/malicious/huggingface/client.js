const client = new Client({ key: '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' });
