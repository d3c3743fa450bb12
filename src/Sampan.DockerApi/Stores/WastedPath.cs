namespace Sampan.DockerApi.Stores;

/// <summary>A file that some layer has and nobody sees.</summary>
public sealed record WastedPath
{
    /// <summary>From the root.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>All of its hidden copies together.</summary>
    public long Bytes { get; init; }

    /// <summary>How many copies are hidden.</summary>
    public int Copies { get; init; }

    /// <summary>Whether the image does not have it in the end.</summary>
    public bool Deleted { get; init; }
}
