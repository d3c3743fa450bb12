namespace Sampan.Cli.Templates;

/// <summary>A value whose fields a template can ask for by name, some with arguments (<c>.Label "x"</c>).</summary>
internal interface ITemplateObject
{
    /// <summary>What it is, for messages: "container".</summary>
    string Kind { get; }

    /// <summary>False: there is no such field.</summary>
    bool TryGet(string name, IReadOnlyList<object?> arguments, out object? value);

    /// <summary>The object as JSON, for the function json.</summary>
    string ToJson();

    /// <summary>The object as a template prints it.</summary>
    string Print() => ToJson();
}
