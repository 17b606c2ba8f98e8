aws_secret_access_key = 'P/D0CzfcOXDQJ9foajjYK3VAxd4dx+d1ClWYth6P'
