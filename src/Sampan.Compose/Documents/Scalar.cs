using System.Globalization;

namespace Sampan.Compose.Documents;

/// <summary>One value.</summary>
/// <param name="At">Where it is.</param>
/// <param name="Text">Its characters; of a boolean <c>true</c> or <c>false</c>.</param>
/// <param name="Kind">What it is.</param>
public sealed record Scalar(Position At, string Text, ScalarKind Kind = ScalarKind.Text) : Node(At)
{
    /// <summary>A value that no file says.</summary>
    public static Scalar Of(string text) => new(Position.None, text);

    /// <inheritdoc cref="Of(string)"/>
    public static Scalar Of(bool value) => new(Position.None, value ? "true" : "false", ScalarKind.Boolean);

    /// <inheritdoc cref="Of(string)"/>
    public static Scalar Of(long value) => new(Position.None, value.ToString(CultureInfo.InvariantCulture), ScalarKind.Number);

    /// <summary>Nothing, said at a place.</summary>
    public static Scalar Nothing(Position at) => new(at, "", ScalarKind.Null);
}
