\
"serve*2.21.0I

xPlaceholder*
dtype0
#
hiddenAbort*
	error_msgbye"Ð