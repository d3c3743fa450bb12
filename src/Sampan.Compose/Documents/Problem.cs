namespace Sampan.Compose.Documents;

/// <summary>One thing that is wrong with the files: where, at which path of the document, and what was expected.</summary>
public sealed record Problem(Position At, string Path, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => (At.File.Length > 0 ? $"{At}: " : "") + (Path.Length > 0 ? $"{Path}: " : "") + Text;
}
