using Sampan.Storage.Images.Explanations;
namespace Sampan.Storage.Images;

/// <summary>Telling where an image's bytes come from.</summary>
public sealed partial class ImageStore
{
    private const int MostWastedPaths = 100;

    /// <summary>Layer by layer, what each added, and what of the layers below it made useless.</summary>
    /// <param name="referenceOrId">Which image.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageException">NotFound.</exception>
    public ImageExplanation Explain(string referenceOrId, CancellationToken ct)
    {
        // Nothing is collected while this is held.
        using var writing = new Writing(this);
        ImageRecord image;
        lock (_gate)
            image = ToRecord(Required(referenceOrId));
        var steps = image.Config.History.Where(step => !step.EmptyLayer).Select(step => step.CreatedBy ?? "").ToList();
        var book = new LayerBook(Layers.Style, ct);
        var explained = new List<ExplainedLayer>();
        for (var i = 0; i < image.Layers.Count; i++)
        {
            var layer = image.Layers[i];
            var record = Layers.Find(layer.ChainId) ?? throw new StorageException(StorageError.Corrupt, $"layer '{layer.ChainId}' is missing: remove the image and load it again");
            explained.Add(book.Add(Layers.DirectoryOf(record), record.OpaqueRoot, layer, i < steps.Count ? steps[i] : ""));
        }
        return new ImageExplanation(image, explained, explained.Sum(layer => layer.Bytes), book.TotalWasted, book.Wasted(MostWastedPaths));
    }
}
