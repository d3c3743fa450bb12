namespace Sampan.Engine.Execs;

/// <summary>All that is known of an exec at one moment.</summary>
public sealed record ExecSnapshot
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The container's id.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The wish.</summary>
    public required ExecSpec Spec { get; init; }

    /// <summary>The process runs now.</summary>
    public bool Running { get; init; }

    /// <summary>The process's id on the host; null: not started.</summary>
    public int? Pid { get; init; }

    /// <summary>0 to 255; 126 and 127 when it could not be run; null: not ended yet.</summary>
    public int? ExitCode { get; init; }
}
