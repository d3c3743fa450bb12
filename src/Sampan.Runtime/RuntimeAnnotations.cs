namespace Sampan.Runtime;

/// <summary>Annotations of the specification that the runtime obeys. They come from the engine, never from an image.</summary>
public static class RuntimeAnnotations
{
    /// <summary><c>true</c>: the program runs under a small init that reaps orphans and passes signals on (<c>docker run --init</c>).</summary>
    public const string Init = "io.sampan.init";

    internal static bool WantsInit(IReadOnlyDictionary<string, string> annotations) =>
        annotations.TryGetValue(Init, out var value) && value == "true";
}
