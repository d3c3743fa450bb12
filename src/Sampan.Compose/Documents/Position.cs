namespace Sampan.Compose.Documents;

/// <summary>A place in a file; lines and columns count from 1.</summary>
public readonly record struct Position(string File, int Line, int Column)
{
    /// <summary>What no file says: defaults, and what was made by rules.</summary>
    public static readonly Position None = new("", 0, 0);

    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
