namespace Sampan.Engine.Containers.Streams;

/// <summary>What an attachment carries.</summary>
public sealed record AttachOptions
{
    /// <summary>The client writes to standard input.</summary>
    public bool Stdin { get; init; }

    /// <summary>The client gets standard output.</summary>
    public bool Stdout { get; init; }

    /// <summary>The client gets standard error.</summary>
    public bool Stderr { get; init; }

    /// <summary>Live output follows; false: only the log.</summary>
    public bool Stream { get; init; }

    /// <summary>What was logged before comes first.</summary>
    public bool Logs { get; init; }

    /// <summary>The key sequence that detaches, as <c>ctrl-p,ctrl-q</c>; null: that one on a terminal.</summary>
    public string? DetachKeys { get; init; }
}
