using Sampan.Compose.Documents;

namespace Sampan.Compose.Loading;

/// <summary>Whether two nodes say the same, wherever they are.</summary>
internal static class SameNode
{
    public static bool Are(Node a, Node b) => (a, b) switch
    {
        (Scalar x, Scalar y) => x.Kind == y.Kind && x.Text == y.Text,
        (Sequence x, Sequence y) => x.Items.Count == y.Items.Count && x.Items.Zip(y.Items).All(p => Are(p.First, p.Second)),
        (Mapping x, Mapping y) => x.Members.Count == y.Members.Count && x.Members.All(m => y[m.Key] is { } other && Are(m.Value, other)),
        _ => false,
    };
}
