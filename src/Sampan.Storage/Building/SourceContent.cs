namespace Sampan.Storage.Building;

/// <summary>Where a file's content is.</summary>
/// <param name="Open">Opens it for reading.</param>
internal sealed record SourceContent(Func<Stream> Open)
{
    private readonly OwnFile? _own;

    /// <summary>The file that has this content and nothing else; null: it lies with others, or in a layer, or with the client.</summary>
    internal OwnFile? Own
    {
        get => Client is { } client ? client.Own : _own;
        init => _own = value;
    }

    /// <summary>The client's file, whose content comes when it is needed; null: it is here.</summary>
    internal ClientFile? Client { get; init; }

    /// <summary>A content that comes when it is needed.</summary>
    internal static SourceContent Of(ClientFile client) => new(client.OpenRead) { Client = client };
}
