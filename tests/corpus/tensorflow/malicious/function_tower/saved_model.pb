ú
"serve*2.21.0æ

xPlaceholder*
dtype0
%
callPartitionedCall*
fR
f39˜
$

f0
call0NoOp
call1NoOp
T

f1%
call0PartitionedCall*
fR
f0%
call1PartitionedCall*
fR
f0
T

f2%
call0PartitionedCall*
fR
f1%
call1PartitionedCall*
fR
f1
T

f3%
call0PartitionedCall*
fR
f2%
call1PartitionedCall*
fR
f2
T

f4%
call0PartitionedCall*
fR
f3%
call1PartitionedCall*
fR
f3
T

f5%
call0PartitionedCall*
fR
f4%
call1PartitionedCall*
fR
f4
T

f6%
call0PartitionedCall*
fR
f5%
call1PartitionedCall*
fR
f5
T

f7%
call0PartitionedCall*
fR
f6%
call1PartitionedCall*
fR
f6
T

f8%
call0PartitionedCall*
fR
f7%
call1PartitionedCall*
fR
f7
T

f9%
call0PartitionedCall*
fR
f8%
call1PartitionedCall*
fR
f8
U

f10%
call0PartitionedCall*
fR
f9%
call1PartitionedCall*
fR
f9
W

f11&
call0PartitionedCall*
fR
f10&
call1PartitionedCall*
fR
f10
W

f12&
call0PartitionedCall*
fR
f11&
call1PartitionedCall*
fR
f11
W

f13&
call0PartitionedCall*
fR
f12&
call1PartitionedCall*
fR
f12
W

f14&
call0PartitionedCall*
fR
f13&
call1PartitionedCall*
fR
f13
W

f15&
call0PartitionedCall*
fR
f14&
call1PartitionedCall*
fR
f14
W

f16&
call0PartitionedCall*
fR
f15&
call1PartitionedCall*
fR
f15
W

f17&
call0PartitionedCall*
fR
f16&
call1PartitionedCall*
fR
f16
W

f18&
call0PartitionedCall*
fR
f17&
call1PartitionedCall*
fR
f17
W

f19&
call0PartitionedCall*
fR
f18&
call1PartitionedCall*
fR
f18
W

f20&
call0PartitionedCall*
fR
f19&
call1PartitionedCall*
fR
f19
W

f21&
call0PartitionedCall*
fR
f20&
call1PartitionedCall*
fR
f20
W

f22&
call0PartitionedCall*
fR
f21&
call1PartitionedCall*
fR
f21
W

f23&
call0PartitionedCall*
fR
f22&
call1PartitionedCall*
fR
f22
W

f24&
call0PartitionedCall*
fR
f23&
call1PartitionedCall*
fR
f23
W

f25&
call0PartitionedCall*
fR
f24&
call1PartitionedCall*
fR
f24
W

f26&
call0PartitionedCall*
fR
f25&
call1PartitionedCall*
fR
f25
W

f27&
call0PartitionedCall*
fR
f26&
call1PartitionedCall*
fR
f26
W

f28&
call0PartitionedCall*
fR
f27&
call1PartitionedCall*
fR
f27
W

f29&
call0PartitionedCall*
fR
f28&
call1PartitionedCall*
fR
f28
W

f30&
call0PartitionedCall*
fR
f29&
call1PartitionedCall*
fR
f29
W

f31&
call0PartitionedCall*
fR
f30&
call1PartitionedCall*
fR
f30
W

f32&
call0PartitionedCall*
fR
f31&
call1PartitionedCall*
fR
f31
W

f33&
call0PartitionedCall*
fR
f32&
call1PartitionedCall*
fR
f32
W

f34&
call0PartitionedCall*
fR
f33&
call1PartitionedCall*
fR
f33
W

f35&
call0PartitionedCall*
fR
f34&
call1PartitionedCall*
fR
f34
W

f36&
call0PartitionedCall*
fR
f35&
call1PartitionedCall*
fR
f35
W

f37&
call0PartitionedCall*
fR
f36&
call1PartitionedCall*
fR
f36
W

f38&
call0PartitionedCall*
fR
f37&
call1PartitionedCall*
fR
f37
W

f39&
call0PartitionedCall*
fR
f38&
call1PartitionedCall*
fR
f38"Ð