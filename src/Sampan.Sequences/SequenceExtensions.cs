namespace Sampan;

/// <summary>
/// <c>Select</c> for all of Sampan, in the place of LINQ's: same meaning, a fraction of the code.
/// </summary>
/// <remarks>
/// LINQ's iterators override a generic virtual <c>Select</c>, so Native AOT compiles each of its ten iterators for each pair of a
/// value type that some sequence holds and a value type that any selector gives: 24 of the daemon's 56 MB were that.
/// This one is compiled for the pairs that the program uses. An extension of an enclosing namespace wins over an imported one,
/// so nothing needs to be written at the calls.
/// </remarks>
public static class SequenceExtensions
{
    /// <summary>Each element of <paramref name="source"/> as <paramref name="selector"/> gives it, when it is asked for.</summary>
    public static IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)
    {
        foreach (var element in source)
            yield return selector(element);
    }
}
