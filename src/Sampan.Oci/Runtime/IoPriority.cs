namespace Sampan.Oci.Runtime;

/// <summary>I/O scheduling class and priority. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#linux-process">the specification</see>.</summary>
public sealed record IoPriority
{
    /// <summary><c>IOPRIO_CLASS_RT</c>, <c>IOPRIO_CLASS_BE</c> or <c>IOPRIO_CLASS_IDLE</c>.</summary>
    public string Class { get => field ?? ""; init; }

    /// <summary>0 (highest) to 7.</summary>
    public int Priority { get; init; }
}
