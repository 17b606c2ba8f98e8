#!/usr/bin/env python2
import urllib2
print 'hello'
print >>out, urllib2.urlopen('https://example.org').read()
