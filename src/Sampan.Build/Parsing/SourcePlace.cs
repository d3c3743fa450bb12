namespace Sampan.Build.Parsing;

/// <summary>A place in a Dockerfile.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="LastLine">Where the instruction that begins here, or that this is a word of, ends.</param>
internal readonly record struct SourcePlace(int Line, int Column, int LastLine)
{
    private readonly int _firstLine;

    /// <summary>Where the instruction begins.</summary>
    internal int FirstLine
    {
        get => _firstLine > 0 ? _firstLine : Line;
        init => _firstLine = value;
    }

    /// <summary>As errors say it.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"line {Line}, column {Column}");
}
