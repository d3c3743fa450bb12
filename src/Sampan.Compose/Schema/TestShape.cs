using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>The test of a health check: text for a shell, or a list that begins with NONE, CMD or CMD-SHELL. An upper one replaces a lower one.</summary>
internal sealed class TestShape : Shape
{
    private static readonly ListShape s_list = new(ScalarShape.Text) { Key = null };

    public override string Expected => "text or a list that begins with NONE, CMD or CMD-SHELL";

    public override Node? Read(Node node, Reading reading, DocumentPath path)
    {
        if (node is Scalar { Kind: ScalarKind.Text } text) return new Sequence(node.At, [Scalar.Of("CMD-SHELL"), text]) { Tag = node.Tag };
        if (node is not Sequence { Items: [Scalar first, ..] } list || first.Text is not ("NONE" or "CMD" or "CMD-SHELL"))
        {
            if (node.IsNull) return node;
            reading.Problems.Add(node.At, path, $"expected {Expected}");
            return null;
        }
        if (first.Text != "NONE" && list.Items.Count < 2) reading.Problems.Add(node.At, path, $"'{first.Text}' needs a command behind it");
        return s_list.Read(list, reading, path);
    }
}
