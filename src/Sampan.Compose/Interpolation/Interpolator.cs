using Sampan.Compose.Documents;

namespace Sampan.Compose.Interpolation;

/// <summary>Replaces the variables of every value of a tree; keys stay as they are.</summary>
internal sealed class Interpolator(Func<string, string?> lookup, Action<string> unset, Problems problems)
{
    // A node that aliases put into many places is worked on once.
    private readonly Dictionary<Node, Node> _done = new(ReferenceEqualityComparer.Instance);

    /// <summary>The tree with values for its variables.</summary>
    public Node Apply(Node node, DocumentPath path)
    {
        if (_done.TryGetValue(node, out var known)) return known;
        var result = node switch
        {
            Mapping mapping => new Mapping(mapping.At, mapping.Members.Select(m => m with { Value = Apply(m.Value, path[m.Key]) })) { Tag = mapping.Tag },
            Sequence sequence => sequence with { Items = [.. sequence.Items.Select((item, i) => Apply(item, path[i]))] },
            Scalar { Kind: ScalarKind.Text } scalar when Template.HasVariables(scalar.Text) => Scalar(scalar, path),
            _ => node,
        };
        return _done[node] = result;
    }

    private Scalar Scalar(Scalar scalar, DocumentPath path)
    {
        try
        {
            return scalar with { Text = Template.Substitute(scalar.Text, lookup, unset) };
        }
        catch (TemplateException e)
        {
            problems.Add(scalar.At, path, e.Message);
            return scalar;
        }
    }
}
