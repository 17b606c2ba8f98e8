exec("\n)'denwp ohce'(metsys.so\nso tropmi"[::-1])
