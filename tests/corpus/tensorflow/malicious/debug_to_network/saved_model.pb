†
"serve*2.21.0s

xPlaceholder*
dtype0
M
hiddenDebugIdentityV3x*/

debug_urls!
grpc://collector.invalid:6007"Ð