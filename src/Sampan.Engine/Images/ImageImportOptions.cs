namespace Sampan.Engine.Images;

/// <summary>How a tar becomes an image.</summary>
public sealed record ImageImportOptions
{
    /// <summary>The image's name; null: none.</summary>
    public string? Reference { get; init; }

    /// <summary>Dockerfile lines such as <c>CMD ["sh"]</c>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>A remark; null: Docker's own.</summary>
    public string? Message { get; init; }

    /// <summary><c>os/architecture[/variant]</c>; null: this machine's.</summary>
    public string? Platform { get; init; }
}
