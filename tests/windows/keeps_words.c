/* Stands for programs of Windows of which Wine has only the names: adds its command line to C:\told.txt. */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    FILE* file = fopen("C:\\told.txt", "a");
    if (!file)
        return 1;
    fprintf(file, "%s\n", GetCommandLineA());
    return fclose(file);
}
