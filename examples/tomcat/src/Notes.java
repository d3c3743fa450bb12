import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Notes, one a line: GET shows them, POST note=… adds one. */
@WebServlet("/list")
public class Notes extends HttpServlet {
    private static final Path FILE = Path.of("/var/lib/notes/notes.txt");

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain;charset=utf-8");
        if (Files.exists(FILE)) response.getWriter().print(Files.readString(FILE));
    }

    @Override
    protected synchronized void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Files.writeString(FILE, request.getParameter("note") + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        response.setStatus(HttpServletResponse.SC_CREATED);
    }
}
