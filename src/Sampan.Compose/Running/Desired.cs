namespace Sampan.Compose.Running;

/// <summary>What a container of a service is made of, as far as it shows.</summary>
/// <param name="Hash">The service's hash.</param>
/// <param name="FilesHash">That of what is copied in; null: nothing is.</param>
/// <param name="ImageId">The image; null: not looked up.</param>
/// <param name="NetworkIds">The networks' ids by their names.</param>
internal sealed record Desired(string Hash, string? FilesHash, string? ImageId, IReadOnlyDictionary<string, string> NetworkIds)
{
    /// <summary>The hashes of the service's keys; empty: unknown.</summary>
    public string Keys { get; init; } = "";

    /// <summary>How it registers, by <see cref="Running.Registration.Mark"/>; null: not at all.</summary>
    public string? Registration { get; init; }
}
