namespace Sampan.Compose.Documents;

/// <summary>What a node does to the one below it when files are merged.</summary>
public enum NodeTag
{
    /// <summary>It is merged by the rules.</summary>
    None,

    /// <summary><c>!reset</c>: the one below goes, and so does this.</summary>
    Reset,

    /// <summary><c>!override</c>: this replaces the one below whole.</summary>
    Override,
}
