namespace Sampan.Compose.Documents;

/// <summary>Collects what is wrong, so that all is told at once; keeps the first hundred and counts the rest.</summary>
public sealed class Problems
{
    private const int MaxKept = 100;
    private readonly List<Problem> _found = [];
    private readonly HashSet<Problem> _known = [];
    private int _more;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _found.Count == 0;

    /// <summary>Adds one; the same one twice counts once.</summary>
    public void Add(Position at, DocumentPath path, string text)
    {
        var problem = new Problem(at, path.ToString(), text);
        if (_found.Count >= MaxKept) _more++;
        else if (_known.Add(problem)) _found.Add(problem);
    }

    /// <summary>Throws all of them, in the order of the files.</summary>
    public void ThrowIfAny()
    {
        if (_found.Count == 0) return;
        throw new ComposeException([.. _found.OrderBy(p => p.At.File, StringComparer.Ordinal).ThenBy(p => p.At.Line).ThenBy(p => p.At.Column)], _more);
    }
}
