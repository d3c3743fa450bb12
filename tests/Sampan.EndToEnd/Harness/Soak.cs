namespace Sampan.EndToEnd.Harness;

/// <summary>With <c>SAMPAN_SOAK=1</c> tests that have a long form take it.</summary>
internal static class Soak
{
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable("SAMPAN_SOAK") == "1";
}
