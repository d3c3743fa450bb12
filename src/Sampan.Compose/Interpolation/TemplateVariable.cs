namespace Sampan.Compose.Interpolation;

/// <summary>A variable that a file names.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsRequired">Whether nothing goes without it.</param>
/// <param name="Default">What stands for it when it is not set; empty: nothing.</param>
/// <param name="Alternate">What stands in its place when it is set; empty: its value.</param>
public sealed record TemplateVariable(string Name, bool IsRequired, string Default, string Alternate);
