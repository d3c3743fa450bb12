namespace Sampan.Oci.Runtime;

/// <summary>A condition on an argument of a system call. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#seccomp">the specification</see>.</summary>
public sealed record SeccompArgument
{
    /// <summary>Argument, 0 to 5.</summary>
    public uint Index { get; init; }

    /// <summary>Value to compare with, or the mask of <c>SCMP_CMP_MASKED_EQ</c>.</summary>
    public ulong Value { get; init; }

    /// <summary>Value expected after masking.</summary>
    public ulong ValueTwo { get; init; }

    /// <summary>Comparison such as <c>SCMP_CMP_EQ</c>.</summary>
    public string Op { get => field ?? ""; init; }
}
