using System.Text;

namespace Sampan.Cli.Templates;

/// <summary>A template that was read once and can be filled many times.</summary>
internal sealed class Template
{
    private readonly string _text;
    private readonly IReadOnlyList<Node> _nodes;

    // Texts and fields of the dot, if there is nothing else in it, as in the tables that are usual.
    private readonly (string Text, bool IsField)[]? _plain;

    private Template(string text, IReadOnlyList<Node> nodes) => (_text, _nodes, _plain) = (text, nodes, Plain(nodes));

    /// <summary>Reads a template; <see cref="TemplateException"/> says where it is wrong.</summary>
    public static Template Parse(string text) => new(text, TemplateParser.Parse(text, TemplateFunctions.Contains));

    /// <summary>Fills it; <see cref="TemplateException"/> says what of it the data doesn't have.</summary>
    public string Fill(object? data) => new TemplateEvaluator(_text, data).Run(_nodes);

    /// <summary>The same behind what was written before.</summary>
    public void Fill(StringBuilder output, object? data)
    {
        if (_plain is null || !TryFillPlain(_plain, output, data)) output.Append(Fill(data));
    }

    // False, and nothing was written: there is no such field, which the evaluator words.
    private static bool TryFillPlain((string Text, bool IsField)[] plain, StringBuilder output, object? data)
    {
        int before = output.Length;
        foreach (var (text, isField) in plain)
        {
            if (!isField)
            {
                output.Append(text);
                continue;
            }
            object? value = TemplateValue.Field(data, text, [], out string? problem);
            if (problem is not null)
            {
                output.Length = before;
                return false;
            }
            output.Append(TemplateValue.Print(value));
        }
        return true;
    }

    private static (string Text, bool IsField)[]? Plain(IReadOnlyList<Node> nodes)
    {
        var plain = new (string Text, bool IsField)[nodes.Count];
        for (int i = 0; i < plain.Length; i++)
        {
            switch (nodes[i])
            {
                case TextNode text:
                    plain[i] = (text.Text, false);
                    break;
                case ActionNode { Pipeline: { Variables.Count: 0, Commands: [{ Words: [FieldNode { Base: null, Fields: [var name] }] }] } }:
                    plain[i] = (name, true);
                    break;
                default:
                    return null;
            }
        }
        return plain;
    }
}
