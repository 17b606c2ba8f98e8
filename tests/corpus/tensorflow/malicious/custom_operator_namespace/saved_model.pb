N
"serve*2.21.0;

xPlaceholder*
dtype0

hiddenEvil>Runx"Ð