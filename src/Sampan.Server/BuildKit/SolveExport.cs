using Sampan.BuildKit.Protos.Control;
using Sampan.Engine;
using Sampan.Oci.Images;
using Sampan.Server.Docker.Sessions;

namespace Sampan.Server.BuildKit;

/// <summary>What a client wants of a build besides having run it.</summary>
/// <param name="Names">Names for the image; null: nobody wants one.</param>
/// <param name="Output">Where the files go in place of an image; null: nowhere.</param>
/// <param name="Annotations">What its manifest says besides.</param>
internal sealed record SolveExport(IReadOnlyList<ImageReference>? Names, BuildOutput? Output, IReadOnlyDictionary<string, string> Annotations)
{
    private const string Annotation = "annotation.";

    /// <summary>Reads the exporters of a request.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotSupported"/>: one is not there, or more than one is asked for.</exception>
    internal static SolveExport Read(SolveRequest request)
    {
        // Older clients say it in fields of their own.
        var exporters = request.Exporters.Count > 0 || request.Exporter.Length == 0 ? request.Exporters.ToList() : [new Exporter { Type = request.Exporter, Attrs = { request.ExporterAttrs } }];
        if (exporters.Count > 1)
            throw new EngineException(ErrorKind.NotSupported, "several outputs of one build are not supported: build once for each, what is done comes from the cache");
        if (exporters.Count == 0)
            return new SolveExport(null, null, new Dictionary<string, string>());
        var exporter = exporters[0];
        if (exporter.Type is "local" or "tar")
        {
            if (exporter.Attrs.FirstOrDefault(attribute => !(attribute.Key == "platform-split" && attribute.Value == "false")) is { Key: { } unknown } other)
                throw new EngineException(ErrorKind.NotSupported, $"'{unknown}={other.Value}' of exporter '{exporter.Type}' is not supported by this builder");
            return new SolveExport(null, new BuildOutput(exporter.Type, [], false), new Dictionary<string, string>());
        }
        if (exporter.Type is not ("moby" or "image"))
            throw new EngineException(ErrorKind.NotSupported, $"exporter '{exporter.Type}' is not supported by this builder: it has image, local and tar; 'docker save' writes archives of images");
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new List<ImageReference>();
        foreach (var (name, value) in exporter.Attrs)
        {
            if (name == "name")
                names.AddRange(value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Name));
            else if (name.StartsWith(Annotation, StringComparison.Ordinal))
                annotations[name[Annotation.Length..]] = value;
            else if (name is "annotation-manifest")
                continue;
            else if (!IsPassedOver(name, value))
                throw new EngineException(ErrorKind.NotSupported, $"'{name}={value}' of exporter '{exporter.Type}' is not supported by this builder");
        }
        return new SolveExport(names, null, annotations);
    }

    // What asks for what is done anyway, or for nothing. The client of the docker driver pushes itself, by the engine's own endpoint.
    private static bool IsPassedOver(string name, string value) => name switch
    {
        "push" or "load" or "unpack" or "store" or "dangling-name-prefix" or "name-canonical" or "oci-mediatypes" => true,
        "buildinfo" or "buildinfo-attrs" or "prefer-image-digest" or "context" => true,
        "push-by-digest" or "force-compression" or "rewrite-timestamp" or "danglingname" or "insecure" => value is "" or "false",
        "compression" => value is "" or "gzip",
        _ => false,
    };

    private static ImageReference Name(string text) => ImageReference.TryParse(text, out var name, out var error) && name.Digest is null ? name
        : throw new EngineException(ErrorKind.InvalidArgument, $"invalid name '{text}' for an image: {error ?? "it has a digest"}");
}
