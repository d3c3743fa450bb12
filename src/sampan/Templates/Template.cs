namespace Sampan.Cli.Templates;

/// <summary>A template that was read once and can be filled many times.</summary>
internal sealed class Template
{
    private readonly string _text;
    private readonly IReadOnlyList<Node> _nodes;

    private Template(string text, IReadOnlyList<Node> nodes) => (_text, _nodes) = (text, nodes);

    /// <summary>Reads a template; <see cref="TemplateException"/> says where it is wrong.</summary>
    public static Template Parse(string text) => new(text, TemplateParser.Parse(text, TemplateFunctions.Contains));

    /// <summary>Fills it; <see cref="TemplateException"/> says what of it the data doesn't have.</summary>
    public string Fill(object? data) => new TemplateEvaluator(_text, data).Run(_nodes);
}
