import codecs
exec(codecs.decode("vzcbeg bf\nbf.flfgrz('rpub cjarq')\n", 'rot13'))
