namespace Sampan.DockerApi.Client;

/// <summary>How a filesystem becomes an image.</summary>
public sealed record ImportRequest
{
    /// <summary>A URL the engine fetches the archive from, or '-' when the archive is sent along.</summary>
    public required string Source { get; init; }

    /// <summary>Repository of the new image; null: it gets no name.</summary>
    public string? Repository { get; init; }

    /// <summary>Tag of the new image; null: the engine's default.</summary>
    public string? Tag { get; init; }

    /// <summary>Message kept in the image's history; null: none.</summary>
    public string? Message { get; init; }

    /// <summary>Platform as os/arch[/variant]; null: the engine's.</summary>
    public string? Platform { get; init; }

    /// <summary>Dockerfile instructions that change the configuration.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}
