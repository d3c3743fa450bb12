namespace Sampand.Configuration;

/// <summary>One setting of the daemon.</summary>
/// <param name="Key">Its key in the configuration file, dockerd's where dockerd has it.</param>
/// <param name="Flag">Its flag on the command line, without dashes.</param>
/// <param name="Kind">What its value looks like.</param>
/// <param name="Value">A word for the value in the help.</param>
/// <param name="Help">One line of help.</param>
internal sealed record Option(string Key, string Flag, OptionKind Kind, string Value, string Help)
{
    /// <summary>The one-letter flag; null: none.</summary>
    internal char? Letter { get; init; }
}
