T
"serve*2.21.0A

xPlaceholder*
dtype0

hiddenWholeFileReaderV2"Ð