‚
"serve*2.21.0o

xPlaceholder*
dtype0
4
cConst*
dtype0*
valueB"/etc/passwd

readReadFilec"Ð