namespace Sampan.Compose.Documents;

/// <summary>Where a node is in its document: <c>services.web.ports[0]</c>. A list of segments from the end, so that a walk costs nothing.</summary>
public sealed class DocumentPath
{
    private readonly DocumentPath? _parent;
    private readonly string _segment;

    private DocumentPath(DocumentPath? parent, string segment) => (_parent, _segment) = (parent, segment);

    /// <summary>The document itself.</summary>
    public static DocumentPath Root { get; } = new(null, "");

    /// <summary>A key below.</summary>
    public DocumentPath this[string key] => new(this, _parent is null ? key : "." + key);

    /// <summary>An item below.</summary>
    public DocumentPath this[int index] => new(this, $"[{index}]");

    /// <inheritdoc/>
    public override string ToString() => _parent is null ? _segment : _parent + _segment;
}
