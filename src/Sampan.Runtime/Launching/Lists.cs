namespace Sampan.Runtime.Launching;

/// <summary>
/// Lists of values made of lists, without the iterators of LINQ: compiled ahead of time these exist once for every pair of element types, and were a
/// ninth of the program that every container keeps a copy of.
/// </summary>
internal static class Lists
{
    internal static TResult[] Convert<T, TResult>(IReadOnlyList<T> list, Func<T, TResult> convert)
    {
        if (list.Count == 0)
            return [];
        var converted = new TResult[list.Count];
        for (var i = 0; i < converted.Length; i++)
            converted[i] = convert(list[i]);
        return converted;
    }
}
