const client = new Client({ key: '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' });
