·
"serve*2.21.0£

xPlaceholder*
dtype0
#
callPartitionedCall*

fR
fX
*

f#
callPartitionedCall*

fR
g
*

g#
callPartitionedCall*

fR
f"Ð