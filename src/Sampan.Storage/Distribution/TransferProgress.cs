namespace Sampan.Storage.Distribution;

/// <summary>One step of a pull or push, in Docker's words.</summary>
/// <param name="Id">The layer's short digest or the tag; null: it is about the whole.</param>
/// <param name="Status">What is happening.</param>
public sealed record TransferProgress(string? Id, string Status)
{
    /// <summary>Bytes so far; null: it has no measure.</summary>
    public long? Current { get; init; }

    /// <summary>All bytes; null: unknown.</summary>
    public long? Total { get; init; }

    /// <summary>What was pushed, at the end of a tag; null otherwise.</summary>
    public PushedTag? Pushed { get; init; }
}
