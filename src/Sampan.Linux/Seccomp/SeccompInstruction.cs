using System.Runtime.InteropServices;

namespace Sampan.Linux.Seccomp;

/// <summary>One instruction of classic BPF: struct sock_filter of linux/filter.h, 8 bytes.</summary>
/// <param name="Code">What to do.</param>
/// <param name="JumpTrue">Instructions to pass over if the test holds.</param>
/// <param name="JumpFalse">Instructions to pass over if not.</param>
/// <param name="Value">Operand.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SeccompInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value);
