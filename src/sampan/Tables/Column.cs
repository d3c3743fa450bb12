namespace Sampan.Cli.Tables;

/// <summary>A column: the name templates use, the table's header, the value.</summary>
internal sealed record Column<T>(string Name, string Header, Func<T, object?> Value)
{
    /// <summary>Needs an argument, such as a label's name; left out of JSON.</summary>
    public Func<T, string, object?>? WithArgument { get; init; }
}
