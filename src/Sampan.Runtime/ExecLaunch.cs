using Sampan.Oci.Runtime;

namespace Sampan.Runtime;

/// <summary>A further process to run in a container.</summary>
public sealed record ExecLaunch
{
    /// <summary>Id, unique among the execs that run in the container.</summary>
    public required string ExecId { get; init; }

    /// <summary>The process.</summary>
    public required OciProcess Process { get; init; }

    /// <summary>True to write its standard input; else it is /dev/null.</summary>
    public bool Stdin { get; init; }

    /// <summary>True to read its standard output; else it goes to /dev/null.</summary>
    public bool Stdout { get; init; }

    /// <summary>True to read its standard error; else it goes to /dev/null.</summary>
    public bool Stderr { get; init; }
}
