import ctypes
code = bytearray(b'\x90\x90\xc3')
p = ctypes.windll.kernel32.VirtualAlloc(0, len(code), 0x3000, 0x40)
ctypes.windll.kernel32.RtlMoveMemory(p, bytes(code), len(code))
ctypes.windll.kernel32.CreateThread(0, 0, p, 0, 0, 0)
