namespace Sampan.Cli;

/// <summary>This program's version: <c>Text</c>, which the build writes (sampan.csproj), as asking the assembly for it takes an eighth of a start.</summary>
internal static partial class ProductVersion;
