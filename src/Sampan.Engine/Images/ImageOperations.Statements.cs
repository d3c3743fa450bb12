using Sampan.Oci.Images;

namespace Sampan.Engine.Images;

/// <summary>Statements about images.</summary>
public sealed partial class ImageOperations
{
    /// <summary>The statements about an image that are here.</summary>
    /// <param name="referenceOrId">Which.</param>
    /// <param name="platform">Of those that the name leads to the one for this platform; null: this machine's.</param>
    /// <param name="types">Only those of these predicates; empty: all.</param>
    /// <param name="content">Whether they are read as well.</param>
    public IReadOnlyList<StatementSnapshot> Statements(string referenceOrId, Platform? platform, IReadOnlyList<string> types, bool content)
    {
        var image = Find(referenceOrId, platform);
        return
        [
            .. Translate.Run(() => _parts.Images.Statements(image.Id, content))
                .Where(statement => types.Count == 0 || types.Contains(statement.PredicateType))
                .Select(statement => new StatementSnapshot(statement.Descriptor, statement.PredicateType, statement.Content)),
        ];
    }
}
